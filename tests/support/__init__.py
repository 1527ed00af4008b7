"""What tests of several folders share: an app and its clients, processes of one test, apps to install."""
