"""A still picture of an app: what its template shows with the state as it is, as HTML that runs nothing."""
