#!/bin/bash
#SBATCH --job-name=@name
@directives

# One task of the array is one run: the line of its number in the list of runs. Before the time limit Slurm sends SIGUSR1 to this script,
# which has become execute.py by then: checkpoint, and back into the queue.
@setup
run=$(sed -n "$((SLURM_ARRAY_TASK_ID + 1))p" @runs)
cd @folder || exit 1
exec @execute "$run" @arguments
