"""Remove what the pipeline made: versions and their group, models, the pipeline, objects of the bucket."""

import json

import boto3
import sagemaker

GROUP, PIPELINE, PREFIX = "mlops-pipeline-models", "MLOpsPipeline", "mlops/"
client = boto3.client("sagemaker")
removed = []
for package in client.list_model_packages(ModelPackageGroupName=GROUP)["ModelPackageSummaryList"]:
    client.delete_model_package(ModelPackageName=package["ModelPackageArn"])
    removed.append(package["ModelPackageArn"].rpartition(":")[2])
client.delete_model_package_group(ModelPackageGroupName=GROUP)
client.delete_pipeline(PipelineName=PIPELINE)
bucket = boto3.resource("s3").Bucket(sagemaker.Session().default_bucket())
objects = [found for page in bucket.objects.filter(Prefix=PREFIX).pages() for found in page]
bucket.delete_objects(Delete={"Objects": [{"Key": found.key} for found in objects]})
print(json.dumps({"packages": removed, "objects": len(objects)}))
