<?php
// The WordPress bridge with as much of WordPress as it needs: php wordpress.php http://127.0.0.1:PORT KEY
declare(strict_types=1);

[, $base, $key] = $argv;
define( 'ABSPATH', __DIR__ );
define( 'SIFTWIRE_URL', $base . '/' );

final class WP_Error {
	private string $message;
	public function __construct( string $code, string $message ) {
		$this->message = $message;
	}
	public function get_error_message(): string {
		return $this->message;
	}
}

$filters = array();
$options = array();
function add_filter( string $name, callable $filter ): void {
	$GLOBALS['filters'][ $name ] = $filter;
}
function add_action( string $name, string $action ): void {
}
function get_option( string $name, $default ) {
	return $GLOBALS['options'][ $name ] ?? $default;
}
function update_option( string $name, $value, $autoload ): void {
	$GLOBALS['options'][ $name ] = $value;
}
function is_wp_error( $thing ): bool {
	return $thing instanceof WP_Error;
}
function wp_parse_url( string $url, int $part = -1 ) {
	return parse_url( $url, $part );
}
function wp_remote_retrieve_response_code( $answer ) {
	return $answer['response']['code'] ?? '';
}
function wp_remote_request( string $url, array $args ) {
	$http   = array( 'method' => 'POST', 'content' => $args['body'], 'protocol_version' => 1.0, 'ignore_errors' => true );
	$http  += array( 'header' => 'Content-Type: application/x-www-form-urlencoded', 'timeout' => $args['timeout'] );
	$body   = @file_get_contents( $url, false, stream_context_create( array( 'http' => $http ) ) );
	$status = isset( $http_response_header ) ? (int) explode( ' ', $http_response_header[0] )[1] : 0;
	return false === $body ? new WP_Error( 'http', 'no connection' ) : array( 'body' => $body, 'response' => array( 'code' => $status ) );
}

function expect( bool $holds, string $what ): void {
	if ( ! $holds ) {
		fwrite( STDERR, "failed: $what\n" );
		exit( 1 );
	}
	echo "ok   $what\n";
}

require dirname( __DIR__, 2 ) . '/web/wordpress/siftwire.php';
$forward = $filters['pre_http_request'];
$cases   = json_decode( file_get_contents( __DIR__ . '/cases.json' ), true );
$blog    = array( 'blog' => $cases['blog'], 'user_ip' => '192.0.2.10' );
$ask     = static function ( string $url, array $fields ) use ( $forward, $blog ) {
	$args = array( 'body' => http_build_query( $fields + $blog ), 'headers' => array( 'Host' => 'rest.akismet.com' ), 'timeout' => 15 );
	return $forward( false, $args, $url );
};

expect( false === $forward( false, array(), 'https://api.wordpress.org/' ), 'the bridge leaves other requests alone' );
expect( false === $forward( false, array(), 'https://rest.akismet.com.evil.example/' ), 'and hosts that only look like Akismet' );
$answer = $ask( 'https://rest.akismet.com/1.1/verify-key', array( 'key' => $key ) );
expect( 'valid' === $answer['body'], 'the bridge verifies a key' );
$answer = $ask( 'https://rest.akismet.com/1.1/comment-check', array( 'api_key' => $key, 'comment_content' => $cases['scam'] ) );
expect( 'true' === $answer['body'], 'the bridge checks a comment' );
$answer = $ask( "http://$key.rest.akismet.com/1.1/comment-check", array( 'comment_content' => $cases['ham'] ) );
expect( 'false' === $answer['body'], 'the bridge takes the key from the host, as older plugins write it' );
$answer = $ask( 'https://rest.akismet.com/no-such-call', array() );
expect( is_wp_error( $answer ), 'an answer that is none becomes an error, on which Akismet holds the comment' );
expect( '' !== $options['siftwire_failed'], 'and is remembered for the notice' );
