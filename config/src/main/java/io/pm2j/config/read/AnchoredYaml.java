package io.pm2j.config.read;

import com.fasterxml.jackson.core.ObjectCodec;
import com.fasterxml.jackson.core.io.IOContext;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.Reader;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.events.NodeEvent;

/// YAML whose parser tells the anchor of every value. Jackson's own tells those of objects and arrays, and would lose
/// the one in `port: &port 3000`.
final class AnchoredYaml extends YAMLFactory {
    private static final long serialVersionUID = 1L;

    @Override
    protected YAMLParser _createParser(Reader reader, IOContext context) {
        return new Parser(context, _parserFeatures, _yamlParserFeatures, _loaderOptions, _objectCodec, reader);
    }

    /// Where a value is the current token, [#anchor()] is its `&anchor`.
    static final class Parser extends YAMLParser {
        private Parser(
                IOContext context,
                int parserFeatures,
                int formatFeatures,
                LoaderOptions options,
                ObjectCodec codec,
                Reader reader) {
            super(context, parserFeatures, formatFeatures, options, codec, reader);
        }

        @Nullable
        String anchor() {
            return _lastEvent instanceof NodeEvent node ? node.getAnchor() : null;
        }
    }
}
