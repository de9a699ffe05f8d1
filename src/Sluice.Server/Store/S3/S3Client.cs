using Amazon.Runtime;
using Amazon.S3;
using Sluice.Server.Hosting;
using Sluice.Server.Outbound;

namespace Sluice.Server.Store.S3;

/// <summary>Makes Amazon's client what this server wants: one server, asked by our own connections, signed with the configured key and nothing that
/// lies about on the machine.</summary>
internal static class S3Client
{
    /// <summary>Further tries of a request whose answer says that it may go better.</summary>
    private const int MostRetries = 2;

    /// <summary>The client; dispose of it.</summary>
    /// <param name="options">Configured, and checked by <see cref="EndpointOf"/> to be complete.</param>
    /// <param name="bucket">Its name may be part of the host's.</param>
    /// <param name="connector">Opens connections.</param>
    public static IAmazonS3 Create(S3Options options, string bucket, CheckedConnector connector)
    {
        var endpoint = EndpointOf(options);
        string[] hosts = options.PathStyle ? [endpoint.IdnHost] : [endpoint.IdnHost, $"{bucket}.{endpoint.IdnHost}"];
        var config = new AmazonS3Config
        {
            ServiceURL = endpoint.GetLeftPart(UriPartial.Authority),
            UseHttp = endpoint.Scheme == Uri.UriSchemeHttp,
            AuthenticationRegion = options.Region,
            ForcePathStyle = options.PathStyle,

            // Sums that only Amazon knows are refused by other servers. What is uploaded carries its MD5, which all of them check.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            RetryMode = RequestRetryMode.Standard,
            MaxErrorRetry = MostRetries,
            ThrottleRetries = false,
            HttpClientFactory = new OneClient(ConfiguredServer.Client(connector, hosts, endpoint.Port)),
        };
        return new AmazonS3Client(new BasicAWSCredentials(options.AccessKey, options.SecretKey), config);
    }

    /// <summary>The server's address.</summary>
    /// <exception cref="SetupException">What is needed is not configured.</exception>
    public static Uri EndpointOf(S3Options options)
    {
        if (options.AccessKey is null || options.SecretKey is null)
        {
            throw new SetupException(
                "storage.s3 needs accessKey and secretKey; give them in the environment as SLUICE__STORAGE__S3__ACCESSKEY and SLUICE__STORAGE__S3__SECRETKEY.");
        }

        return new Uri(options.Endpoint ?? $"https://s3.{options.Region}.amazonaws.com");
    }

    /// <summary>One for all requests: it keeps connections.</summary>
    private sealed class OneClient(HttpClient http) : HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => http;

        public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;

        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;
    }
}
