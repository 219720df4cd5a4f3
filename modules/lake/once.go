package lake

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// Once gives a bucket that sends every request once and tells of every failure, for callers that make their own pauses.
// A bucket that never repeats is returned as it is.
func Once(b Bucket) Bucket {
	if r, ok := b.(interface{ once() Bucket }); ok {
		return r.once()
	}
	return b
}

func (b *S3) once() Bucket {
	o := *b
	o.client = s3.New(b.client.Options(), func(o *s3.Options) { o.Retryer = aws.NopRetryer{} })
	o.single = true
	return &o
}
