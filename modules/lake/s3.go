package lake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

const (
	s3Timeout     = 2 * time.Minute // of one request; the SDK repeats what may be repeated
	defaultRegion = "us-east-1"     // what servers with an endpoint of their own expect when none is named
	conflictTries = 5               // S3 answers 409 to a conditional write that meets another one under way
)

// S3Config says where a bucket is. Credentials come from the usual AWS chain (environment, files, instance role).
type S3Config struct {
	Bucket       string
	Prefix       string // "" or ending with a slash
	Endpoint     string // of a server that is not Amazon's; keys then follow the host's name in the path
	Region       string
	ChecksumsOff bool // checksum=when_required: for old servers that do not know the SDK's own checksums
}

// ParseS3 reads s3://bucket/prefix?endpoint=…&region=…&checksum=when_required. ErrBadURL.
func ParseS3(address string) (S3Config, error) {
	u, err := url.Parse(address)
	if err != nil {
		return S3Config{}, fmt.Errorf("%w: %w", ErrBadURL, err)
	}
	if u.Scheme != "s3" || u.Host == "" || u.User != nil || u.Fragment != "" {
		return S3Config{}, fmt.Errorf("%w: %s; write s3://bucket/prefix?endpoint=…&region=…", ErrBadURL, u.Redacted())
	}
	c := S3Config{Bucket: u.Host}
	if p := strings.Trim(u.Path, "/"); p != "" {
		if err := checkKey(p); err != nil {
			return S3Config{}, fmt.Errorf("%w: prefix: %w", ErrBadURL, err)
		}
		c.Prefix = p + "/"
	}
	for name, values := range u.Query() {
		v := values[len(values)-1]
		switch name {
		case "endpoint":
			e, err := url.Parse(v)
			if err != nil || e.Host == "" || e.Scheme != "http" && e.Scheme != "https" {
				return S3Config{}, fmt.Errorf("%w: endpoint %q; write it with http:// or https://", ErrBadURL, v)
			}
			c.Endpoint = v
		case "region":
			c.Region = v
		case "checksum":
			if v != "when_required" && v != "when_supported" {
				return S3Config{}, fmt.Errorf("%w: checksum %q; when_supported or when_required", ErrBadURL, v)
			}
			c.ChecksumsOff = v == "when_required"
		default:
			return S3Config{}, fmt.Errorf("%w: unknown setting %q; there are endpoint, region and checksum", ErrBadURL, name)
		}
	}
	return c, nil
}

// S3 is a bucket, or what is below a prefix of one.
type S3 struct {
	client *s3.Client
	bucket string
	prefix string
	single bool // nothing is sent twice
}

var _ Bucket = (*S3)(nil)

// NewS3 connects and asks once for the bucket, so that a wrong name or key is known at the start.
func NewS3(ctx context.Context, cfg S3Config, log *slog.Logger) (*S3, error) {
	ac, err := config.LoadDefaultConfig(ctx, config.WithHTTPClient(awshttp.NewBuildableClient().WithTimeout(s3Timeout)))
	if err != nil {
		return nil, fmt.Errorf("AWS settings: %w", err)
	}
	client := s3.NewFromConfig(ac, func(o *s3.Options) {
		if cfg.Region != "" {
			o.Region = cfg.Region
		}
		if cfg.Endpoint != "" {
			o.BaseEndpoint, o.UsePathStyle = aws.String(cfg.Endpoint), true
			if o.Region == "" {
				o.Region = defaultRegion
			}
		}
		if cfg.ChecksumsOff {
			o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
			o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
		}
		o.DisableLogOutputChecksumValidationSkipped = true
	})
	b := &S3{client: client, bucket: cfg.Bucket, prefix: cfg.Prefix}
	if _, err := client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &b.bucket}); err != nil {
		return nil, fmt.Errorf("bucket %s does not answer; check lake.url, the credentials and the region: %w", cfg.Bucket, err)
	}
	log.Info("lake is in S3", "bucket", cfg.Bucket, "prefix", cfg.Prefix, "endpoint", cfg.Endpoint)
	return b, nil
}

func (b *S3) key(key string) *string { return aws.String(b.prefix + key) }

// Put implements Bucket.
func (b *S3) Put(ctx context.Context, key string, body []byte) error {
	if err := checkKey(key); err != nil {
		return err
	}
	_, err := b.client.PutObject(ctx, &s3.PutObjectInput{Bucket: &b.bucket, Key: b.key(key), Body: bytes.NewReader(body)})
	if err != nil {
		return fmt.Errorf("put %s: %w", key, err)
	}
	return nil
}

// PutNew implements Bucket through If-None-Match.
func (b *S3) PutNew(ctx context.Context, key string, body []byte) error {
	if err := checkKey(key); err != nil {
		return err
	}
	var err error
	tries := conflictTries
	if b.single {
		tries = 1
	}
	for range tries {
		_, err = b.client.PutObject(ctx, &s3.PutObjectInput{
			Bucket: &b.bucket, Key: b.key(key), Body: bytes.NewReader(body), IfNoneMatch: aws.String("*"),
		})
		if status(err) != http.StatusConflict {
			break
		}
	}
	switch {
	case err == nil:
		return nil
	case status(err) == http.StatusPreconditionFailed:
		return fmt.Errorf("%w: %s", ErrExists, key)
	}
	return fmt.Errorf("put %s: %w", key, err)
}

func status(err error) int {
	var re *awshttp.ResponseError
	if errors.As(err, &re) {
		return re.HTTPStatusCode()
	}
	return 0
}

// Get implements Bucket.
func (b *S3) Get(ctx context.Context, key string) ([]byte, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	out, err := b.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.bucket, Key: b.key(key)})
	var none *types.NoSuchKey
	if errors.As(err, &none) {
		return nil, fmt.Errorf("%w: %s", ErrNotFound, key)
	}
	if err != nil {
		return nil, fmt.Errorf("get %s: %w", key, err)
	}
	defer func() { _ = out.Body.Close() }()
	body, err := io.ReadAll(out.Body)
	if err != nil && strings.Contains(err.Error(), "checksum did not match") { // the SDK keeps the type of this one to itself
		return nil, fmt.Errorf("%w: %s: %w", ErrDamaged, key, err)
	}
	if err != nil {
		return nil, fmt.Errorf("get %s: %w", key, err)
	}
	if out.ContentLength != nil && *out.ContentLength != int64(len(body)) {
		return nil, fmt.Errorf("get %s: %w", key, io.ErrUnexpectedEOF)
	}
	return body, nil
}

// Delete implements Bucket.
func (b *S3) Delete(ctx context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	if _, err := b.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &b.bucket, Key: b.key(key)}); err != nil {
		return fmt.Errorf("delete %s: %w", key, err)
	}
	return nil
}

// List implements Bucket.
func (b *S3) List(ctx context.Context, prefix string, fn func(Object) error) error {
	if err := checkPrefix(prefix); err != nil {
		return err
	}
	pages := s3.NewListObjectsV2Paginator(b.client, &s3.ListObjectsV2Input{Bucket: &b.bucket, Prefix: b.key(prefix)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list %s: %w", prefix, err)
		}
		for _, o := range page.Contents {
			key := strings.TrimPrefix(aws.ToString(o.Key), b.prefix)
			if checkKey(key) != nil { // something else put it there; we could not read it back
				continue
			}
			if err := fn(Object{Key: key, Size: aws.ToInt64(o.Size)}); err != nil {
				return err
			}
		}
	}
	return nil
}

// groups are the common beginnings right below prefix, which ends with a slash.
func (b *S3) groups(ctx context.Context, prefix string) ([]string, error) {
	var out []string
	pages := s3.NewListObjectsV2Paginator(b.client, &s3.ListObjectsV2Input{
		Bucket: &b.bucket, Prefix: b.key(prefix), Delimiter: aws.String("/"),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", prefix, err)
		}
		for _, p := range page.CommonPrefixes {
			out = append(out, strings.TrimPrefix(aws.ToString(p.Prefix), b.prefix))
		}
	}
	return out, nil
}
