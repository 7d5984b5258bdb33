#!/bin/bash
#PBS -N @name
@directives

# One subjob of the array is one run: the line of its number in the list of runs. execute.py asks for a checkpoint before the time limit and
# then for the job to run again.
@setup
run=$(sed -n "$((${PBS_ARRAY_INDEX:-0} + 1))p" @runs)
cd @folder || exit 1
exec @execute "$run" @arguments
