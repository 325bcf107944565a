"""The town's five systems; one file each, which holds nothing else."""
