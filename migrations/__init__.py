"""The history of the tables; each step describes its own and imports none of ours."""
