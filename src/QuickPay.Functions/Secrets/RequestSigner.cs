using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Auth;
using Amazon.Runtime.Internal.Util;

namespace QuickPay.Functions.Secrets;

/// <summary>
/// Signs requests to Secrets Manager as whom Lambda lets us be (version 4 signatures, by Amazon's own library, of which nothing else is used).
/// </summary>
internal sealed class RequestSigner(string region, TimeProvider time)
{
    private const string Service = "secretsmanager";
    private const string MediaType = "application/x-amz-json-1.1";

    /// <param name="endpoint">Without a path.</param>
    /// <param name="action">Such as <c>GetSecretValue</c>.</param>
    /// <param name="body">JSON.</param>
    public HttpRequestMessage Sign(Uri endpoint, string action, byte[] body)
    {
        var credentials = new EnvironmentVariablesAWSCredentials().GetCredentials();
        var signed = new DefaultRequest(new AnyRequest(), Service)
        {
            Endpoint = endpoint,
            HttpMethod = HttpMethod.Post.Method,
            ResourcePath = "/",
            Content = body,
            AuthenticationRegion = region,
            OverrideSigningServiceName = Service,
        };
        signed.Headers["Content-Type"] = MediaType;
        signed.Headers["X-Amz-Target"] = $"{Service}.{action}";
        if (credentials.UseToken)
        {
            signed.Headers["X-Amz-Security-Token"] = credentials.Token;
        }
        var signature = new AWS4Signer().SignRequest(
            signed,
            new NoClient(Service),
            new RequestMetrics(),
            credentials.AccessKey,
            credentials.SecretKey,
            time.GetUtcNow().UtcDateTime
        );

        var request = new HttpRequestMessage(HttpMethod.Post, endpoint) { Content = new ByteArrayContent(body) };
        foreach (var (name, value) in signed.Headers.Append(new("Authorization", signature.ForAuthorizationHeader)))
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }
        return request;
    }
}
