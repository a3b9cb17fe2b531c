"""The one way that the schema changes. Revisions are frozen SQL; the catalog is only ever compared with them."""
