"""Claims, assignments, added flags and corrections of reviewers."""
