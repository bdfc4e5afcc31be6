package io.pm2j.proxy.files;

import java.util.Map;

/// What a static site needs to know of a request; names in lower case, repeated fields joined with ", ".
public record SiteRequest(String method, String target, Map<String, String> headers) {}
