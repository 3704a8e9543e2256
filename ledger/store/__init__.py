"""Tables, engine, and every SQL statement. Nothing outside this folder speaks SQL."""
