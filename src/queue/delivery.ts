import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';
import type { Delivery, MessageAttribute } from './port.ts';

/** The system attributes that a Delivery is made of: SQS sends none that were not asked for. */
export const SYSTEM_ATTRIBUTES = ['ApproximateReceiveCount', 'SentTimestamp', 'MessageGroupId'] as const;

export function toDelivery(message: Message): Delivery {
  const { MessageId = '', ReceiptHandle = '', Body = '', Attributes = {}, MessageAttributes = {} } = message;
  const { ApproximateReceiveCount, SentTimestamp, MessageGroupId } = Attributes;
  return {
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: Object.fromEntries(
      Object.entries(MessageAttributes).map(([name, value]) => [name, toAttribute(value)]),
    ),
    receiveCount: Number(ApproximateReceiveCount ?? 1),
    sentAt: new Date(Number(SentTimestamp ?? 0)).toISOString(),
    ...(MessageGroupId === undefined ? {} : { groupId: MessageGroupId }),
  };
}

/** Without the empty list values that some backends add and SQS refuses when they are sent. */
function toAttribute({ DataType = 'String', StringValue, BinaryValue }: MessageAttributeValue): MessageAttribute {
  return {
    DataType,
    ...(StringValue === undefined ? {} : { StringValue }),
    ...(BinaryValue === undefined ? {} : { BinaryValue }),
  };
}
