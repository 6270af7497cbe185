"""What takes longer than a lesson: seeds, folds, sweeps. Each writes a table that is committed."""
