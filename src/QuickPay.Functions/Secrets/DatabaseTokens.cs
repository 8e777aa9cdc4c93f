using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Auth;
using Amazon.Runtime.Internal.Util;

namespace QuickPay.Functions.Secrets;

/// <summary>
/// What RDS takes in place of a password: a signed request to log in, which is never sent. It is for one server and one role, and good for a quarter
/// of an hour; sessions that were begun with it stay.
/// </summary>
internal sealed class DatabaseTokens(string region, TimeProvider time)
{
    private const string Service = "rds-db";
    private const string SecondsValid = "900";

    /// <param name="server">Its <c>host:port</c>, as RDS names it.</param>
    /// <param name="role">Who logs in.</param>
    public string For(string server, string role)
    {
        var credentials = new EnvironmentVariablesAWSCredentials().GetCredentials();
        var request = new DefaultRequest(new AnyRequest(), Service)
        {
            Endpoint = new Uri($"https://{server}"),
            HttpMethod = HttpMethod.Get.Method,
            ResourcePath = "/",
            UseQueryString = true,
            AuthenticationRegion = region,
            OverrideSigningServiceName = Service,
        };
        request.Parameters["Action"] = "connect";
        request.Parameters["DBUser"] = role;
        request.Parameters["X-Amz-Expires"] = SecondsValid;
        if (credentials.UseToken)
        {
            request.Parameters["X-Amz-Security-Token"] = credentials.Token;
        }
        var signature = AWS4PreSignedUrlSigner.SignRequest(
            request,
            new NoClient(Service),
            new RequestMetrics(),
            credentials.AccessKey,
            credentials.SecretKey,
            Service,
            region,
            time.GetUtcNow().UtcDateTime
        );
        var query = request.Parameters.Select(parameter => $"{parameter.Key}={Uri.EscapeDataString(parameter.Value)}");
        return $"{server}/?{string.Join('&', query.Append(signature.ForQueryParameters))}";
    }
}
