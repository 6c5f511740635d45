"""What `make check` asks beside lint and types: secrets, locks of migrations, licences of what is shipped."""
