"""What moto answers, made into what AWS sends: types and members, headers and statuses."""
