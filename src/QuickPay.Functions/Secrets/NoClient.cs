using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.Endpoints;
using Amazon.Runtime.Internal;

namespace QuickPay.Functions.Secrets;

/// <summary>Amazon's signers want to know a client's settings, and ask them for nothing that the request does not say itself.</summary>
internal sealed class NoClient(string service) : ClientConfig(new NoDefaults())
{
    public override string RegionEndpointServiceName => service;

    public override string ServiceVersion => "";

    public override string UserAgent => "";

    public override Endpoint DetermineServiceOperationEndpoint(ServiceOperationEndpointParameters parameters) =>
        throw new NotSupportedException();

    private sealed class NoDefaults : IDefaultConfigurationProvider
    {
        public IDefaultConfiguration GetDefaultConfiguration(
            RegionEndpoint? clientRegion,
            DefaultConfigurationMode? requestedConfigurationMode = null
        ) => throw new NotSupportedException();
    }
}

/// <summary>What a client would have been asked for.</summary>
internal sealed class AnyRequest : AmazonWebServiceRequest;
