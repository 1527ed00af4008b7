"""What is wrong with an app and how it is mended: the form of a report, for whoever knows the facts."""
