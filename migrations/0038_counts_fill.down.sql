-- Nothing to revert: the counts are right, with and without it.
SELECT;
