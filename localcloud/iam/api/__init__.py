"""Operations of IAM and STS that moto lacks, or answers without what policies are held to."""
