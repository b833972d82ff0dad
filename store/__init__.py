"""SQLModel tables, migrations and queries: where every recording's state and result is kept."""
