"""Remove what the pipeline made: versions and their group, models, the pipeline, objects of the bucket."""

import json

import boto3

GROUP, PIPELINE, PREFIX = "mlops-pipeline-models", "MLOpsPipeline", "mlops/"
client = boto3.client("sagemaker")
removed = []
for package in client.list_model_packages(ModelPackageGroupName=GROUP)["ModelPackageSummaryList"]:
    client.delete_model_package(ModelPackageName=package["ModelPackageArn"])
    removed.append(package["ModelPackageArn"].rpartition(":")[2])
client.delete_model_package_group(ModelPackageGroupName=GROUP)
client.delete_pipeline(PipelineName=PIPELINE)
account = boto3.client("sts").get_caller_identity()["Account"]
bucket = boto3.resource("s3").Bucket(f"sagemaker-{client.meta.region_name}-{account}")
objects = [found for page in bucket.objects.filter(Prefix=PREFIX).pages() for found in page]
bucket.delete_objects(Delete={"Objects": [{"Key": found.key} for found in objects]})
print(json.dumps({"packages": removed, "objects": len(objects)}))
