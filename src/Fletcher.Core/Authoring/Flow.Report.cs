using System.Text.Json;
using System.Text.Json.Nodes;
using Fletcher.Engine;
using Fletcher.Model;

namespace Fletcher;

public static partial class Flow
{
    /// <summary>
    /// Leaves things to be looked at with the step run, or with the flow run in the flow's own body. The same key again replaces what
    /// was there. Outside a flow nothing happens.
    /// </summary>
    public static class Report
    {
        /// <summary>Says how far the step is.</summary>
        /// <param name="fraction">0 to 1; values outside are moved to the nearer end.</param>
        /// <param name="message">What is being done; may be null.</param>
        public static void Progress(double fraction, string? message = null) => Write("progress", ArtifactKind.Progress, new JsonObject
        {
            ["fraction"] = double.IsNaN(fraction) ? 0 : Math.Clamp(fraction, 0, 1),
            ["message"] = message,
        });

        /// <summary>Leaves CommonMark text.</summary>
        public static void Markdown(string key, string text) => Write(key, ArtifactKind.Markdown, text);

        /// <summary>Leaves a table: the public properties of <typeparamref name="T"/> are its columns.</summary>
        public static void Table<T>(string key, IEnumerable<T> rows)
        {
            if (Ambient.Current is Scope scope)
                Write(key, ArtifactKind.Table, JsonSerializer.Serialize(rows.ToArray(), scope.Run.Host.Codec.Options));
        }

        /// <summary>Leaves a link.</summary>
        public static void Link(string key, Uri url, string? text = null)
        {
            ArgumentNullException.ThrowIfNull(url);
            Write(key, ArtifactKind.Link, new JsonObject { ["url"] = url.ToString(), ["text"] = text ?? url.ToString() });
        }

        /// <summary>Leaves an image.</summary>
        /// <param name="key">Its name within the step run.</param>
        /// <param name="content">The file's bytes; at most 4 MB.</param>
        /// <param name="mediaType">Such as <c>image/png</c>.</param>
        /// <exception cref="ArgumentException">The image is larger than 4 MB.</exception>
        public static void Image(string key, ReadOnlyMemory<byte> content, string mediaType)
        {
            const int limit = 4 * 1024 * 1024;
            if (content.Length > limit)
                throw new ArgumentException($"The image has {content.Length} bytes; at most {limit} can be kept. Store it elsewhere and leave a link.", nameof(content));
            Write(key, ArtifactKind.Image, new JsonObject { ["mediaType"] = mediaType, ["data"] = Convert.ToBase64String(content.Span) });
        }

        private static void Write(string key, ArtifactKind kind, JsonObject content) => Write(key, kind, content.ToJsonString());

        private static void Write(string key, ArtifactKind kind, string content)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(key);
            ArgumentNullException.ThrowIfNull(content);
            if (Ambient.Current is not Scope scope)
                return;
            scope.Run.Write(new ArtifactRecord
            {
                RunId = scope.Run.Id,
                Sequence = scope.Step?.Sequence ?? 0,
                Key = key,
                Kind = kind,
                At = scope.Run.Host.Now,
                Content = content,
            });
        }
    }
}
