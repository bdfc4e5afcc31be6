package io.pm2j.proxy.files;

import java.util.List;
import java.util.Map;

/// An answer with all header fields but Date, Server and Connection.
public record SiteResponse(int status, List<Map.Entry<String, String>> headers, SiteBody body) {}
