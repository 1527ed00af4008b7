"""A replica behind a web server of ours: its pages, its files, its websockets."""
