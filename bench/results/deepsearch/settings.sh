# Read by ../learn.sh. Of every question of validation and test one episode. As in train.toml: one passage a search,
# names of two syllables, seven searches and a turn to answer in.
demonstrations=14000 mistakes=0.25 episodes=480
turns=8 tokens=32
options="--option topk=1 --option world_names=short --option world_things=3000 --option max_turns=7"
