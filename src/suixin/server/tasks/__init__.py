"""Long work that somebody asked for on a page: done behind it by the job worker, and told step by step to whoever looks."""
