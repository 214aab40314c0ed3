# Read by ../learn.sh. Goals of held-out products; the expert's longest search fits into a turn.
demonstrations=7000 mistakes=0.15 episodes=800
turns=15 tokens=40
options="--option products=20000"
