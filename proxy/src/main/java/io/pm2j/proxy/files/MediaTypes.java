package io.pm2j.proxy.files;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/// The media type of a file, by the last extension of its name. Unknown ones are bytes, never text: a browser
/// must not guess (`X-Content-Type-Options: nosniff`).
public final class MediaTypes {
    private static final String UNKNOWN = "application/octet-stream";
    private static final Map<String, String> BY_EXTENSION = new HashMap<>();

    static {
        add("text/html", "html htm");
        add("text/css", "css");
        add("text/javascript", "js mjs cjs");
        add("text/plain", "txt text log conf ini");
        add("text/markdown", "md markdown");
        add("text/csv", "csv");
        add("text/xml", "xml xsl xsd");
        add("text/calendar", "ics");
        add("text/vtt", "vtt");
        add("text/vcard", "vcf");
        add("application/json", "json map");
        add("application/ld+json", "jsonld");
        add("application/geo+json", "geojson");
        add("application/manifest+json", "webmanifest");
        add("application/yaml", "yaml yml");
        add("application/wasm", "wasm");
        add("application/xhtml+xml", "xhtml");
        add("application/rss+xml", "rss");
        add("application/atom+xml", "atom");
        add("application/pdf", "pdf");
        add("application/zip", "zip");
        add("application/gzip", "gz tgz");
        add("application/zstd", "zst");
        add("application/x-tar", "tar");
        add("application/x-7z-compressed", "7z");
        add("application/rtf", "rtf");
        add("application/epub+zip", "epub");
        add("application/vnd.ms-fontobject", "eot");
        add("image/svg+xml", "svg");
        add("image/png", "png");
        add("image/apng", "apng");
        add("image/jpeg", "jpg jpeg jfif");
        add("image/gif", "gif");
        add("image/webp", "webp");
        add("image/avif", "avif");
        add("image/jxl", "jxl");
        add("image/heic", "heic");
        add("image/bmp", "bmp");
        add("image/tiff", "tif tiff");
        add("image/x-icon", "ico cur");
        add("font/woff2", "woff2");
        add("font/woff", "woff");
        add("font/ttf", "ttf");
        add("font/otf", "otf");
        add("font/collection", "ttc");
        add("audio/mpeg", "mp3");
        add("audio/mp4", "m4a");
        add("audio/ogg", "ogg oga opus");
        add("audio/wav", "wav");
        add("audio/flac", "flac");
        add("audio/aac", "aac");
        add("audio/webm", "weba");
        add("video/mp4", "mp4 m4v");
        add("video/webm", "webm");
        add("video/ogg", "ogv");
        add("video/quicktime", "mov");
        add("video/mp2t", "ts");
        add("video/x-matroska", "mkv");
        add("application/vnd.apple.mpegurl", "m3u8");
        add("application/dash+xml", "mpd");
    }

    private MediaTypes() {}

    public static String of(String fileName) {
        return BY_EXTENSION.getOrDefault(extension(fileName), UNKNOWN);
    }

    /// Whether a compressed sidecar of it is worth looking for.
    static boolean compressible(String mediaType) {
        return mediaType.startsWith("text/")
                || mediaType.contains("json")
                || mediaType.contains("xml")
                || mediaType.startsWith("application/yaml")
                || mediaType.equals("application/wasm")
                || mediaType.equals("application/vnd.ms-fontobject")
                || mediaType.equals("font/ttf")
                || mediaType.equals("font/otf")
                || mediaType.equals("image/bmp")
                || mediaType.equals("image/x-icon")
                || mediaType.equals(UNKNOWN);
    }

    /// Lower case, without the dot; empty when there is none.
    static String extension(String fileName) {
        int dot = fileName.lastIndexOf('.');
        return dot < 0 ? "" : fileName.substring(dot + 1).toLowerCase(Locale.ROOT);
    }

    private static void add(String type, String extensions) {
        boolean text = type.startsWith("text/")
                || type.endsWith("json")
                || type.endsWith("+xml")
                || type.endsWith("yaml")
                || type.endsWith("mpegurl");
        for (String extension : extensions.split(" ", -1)) {
            BY_EXTENSION.put(extension, text ? type + "; charset=utf-8" : type);
        }
    }
}
