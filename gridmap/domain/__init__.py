"""Pure logic: no files, no network, no clock, no global random."""
