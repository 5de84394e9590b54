/**
 * How much longer things may take than on the embedded backends: a given store may keep what it is told on disk, and
 * share its processors with the suite. DynamoDB Local in a container stores a third of what dynoxide does.
 */
export const PATIENCE = process.env.AWS_ENDPOINT_URL_DYNAMODB ? 3 : 1;
