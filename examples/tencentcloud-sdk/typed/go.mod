module github.com/qcloudhttp/qcloudhttp/examples/tencentcloud-sdk/typed

go 1.25.0

require (
	github.com/qcloudhttp/qcloudhttp v0.0.0
	github.com/tencentcloud/tencentcloud-sdk-go v1.0.162
	go.uber.org/goleak v1.3.0
)

require (
	github.com/cenkalti/backoff/v4 v4.3.0 // indirect
	github.com/hashicorp/go-cleanhttp v0.5.2 // indirect
	github.com/hashicorp/go-retryablehttp v0.7.8 // indirect
	golang.org/x/time v0.14.0 // indirect
)

replace github.com/qcloudhttp/qcloudhttp => ../../..
