"""What people see in a browser: views and templates only, one wing an audience."""
