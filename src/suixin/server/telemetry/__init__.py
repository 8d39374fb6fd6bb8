"""What whoever runs the server sees of it: lines of a log, figures for a monitor; no person in either."""
