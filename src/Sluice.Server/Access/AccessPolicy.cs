using Sluice.Server.Hosting;

namespace Sluice.Server.Access;

/// <summary>Who may call an endpoint.</summary>
internal enum AccessKind
{
    /// <summary>Anyone; the policy says why.</summary>
    Anyone,

    /// <summary>Holders of a playback token of the asset named by the route's <c>id</c>.</summary>
    Playback,

    /// <summary>The operator, or holders of the asset's admin key.</summary>
    AssetAdmin,

    /// <summary>The operator, or holders of the asset's admin key or of a playback token of it.</summary>
    AssetReader,

    /// <summary>Holders of the asset's admin key in the query (<c>admin_key</c>), as PyHLS has it; nobody else.</summary>
    AssetAdminByQuery,

    /// <summary>The operator; anyone when the server is bound to loopback.</summary>
    Operator,

    /// <summary>Anyone for a public channel, named by the route's <c>channel</c>; for others holders of a playback token of it and the
    /// operator.</summary>
    Channel,

    /// <summary>Other nodes of this installation (<see cref="NodePass"/>); nobody else, from wherever.</summary>
    Node,
}

/// <summary>Endpoint metadata, exactly one on each: the gate refuses an endpoint that has none.</summary>
/// <param name="Kind">Who.</param>
/// <param name="Reason">Why anyone may; null for the other kinds.</param>
/// <param name="Unknown">What is answered when there is no such channel; null for the other kinds.</param>
internal sealed record AccessPolicy(AccessKind Kind, string? Reason = null, ErrorCode? Unknown = null);

/// <summary>Puts a policy on an endpoint or a group.</summary>
internal static class AccessPolicyExtensions
{
    /// <summary>See <see cref="AccessKind.Playback"/>. The handler finds an <see cref="IPlayableFeature"/>.</summary>
    public static T RequirePlayback<T>(this T builder) where T : IEndpointConventionBuilder =>
        builder.WithMetadata(new AccessPolicy(AccessKind.Playback));

    /// <summary>See <see cref="AccessKind.AssetAdmin"/>. The asset exists when the handler runs.</summary>
    public static T RequireAssetAdmin<T>(this T builder) where T : IEndpointConventionBuilder =>
        builder.WithMetadata(new AccessPolicy(AccessKind.AssetAdmin));

    /// <summary>See <see cref="AccessKind.AssetReader"/>. With a token, the handler finds an <see cref="IPlayableFeature"/>.</summary>
    public static T RequireAssetReader<T>(this T builder) where T : IEndpointConventionBuilder =>
        builder.WithMetadata(new AccessPolicy(AccessKind.AssetReader));

    /// <summary>See <see cref="AccessKind.AssetAdminByQuery"/>.</summary>
    public static T RequireAssetAdminByQuery<T>(this T builder) where T : IEndpointConventionBuilder =>
        builder.WithMetadata(new AccessPolicy(AccessKind.AssetAdminByQuery));

    /// <summary>See <see cref="AccessKind.Operator"/>.</summary>
    public static T RequireOperator<T>(this T builder) where T : IEndpointConventionBuilder =>
        builder.WithMetadata(new AccessPolicy(AccessKind.Operator));

    /// <summary>See <see cref="AccessKind.Channel"/>. The handler finds an <see cref="IChannelPass"/>.</summary>
    /// <param name="builder">The endpoint or group.</param>
    /// <param name="unknown">What is answered when there is no such channel; <see cref="ErrorCode.ChannelUnknown"/> when null.</param>
    public static T RequireChannel<T>(this T builder, ErrorCode? unknown = null) where T : IEndpointConventionBuilder =>
        builder.WithMetadata(new AccessPolicy(AccessKind.Channel, Unknown: unknown ?? ErrorCode.ChannelUnknown));

    /// <summary>See <see cref="AccessKind.Node"/>.</summary>
    public static T RequireNode<T>(this T builder) where T : IEndpointConventionBuilder =>
        builder.WithMetadata(new AccessPolicy(AccessKind.Node));

    /// <summary>See <see cref="AccessKind.Anyone"/>.</summary>
    public static T AllowAnyone<T>(this T builder, string reason) where T : IEndpointConventionBuilder =>
        builder.WithMetadata(new AccessPolicy(AccessKind.Anyone, reason));
}
