# Read by ../learn.sh. Of every held-out household one episode; the longest command has six tokens.
demonstrations=14000 mistakes=0.25 episodes=802
turns=50 tokens=8
