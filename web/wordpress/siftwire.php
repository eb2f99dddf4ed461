<?php
/**
 * Plugin Name: siftwire
 * Description: Sends the Akismet plugin's requests to your own siftwire instead of akismet.com.
 * Version: 1.0.0
 * Requires at least: 5.3
 * Requires PHP: 7.4
 * License: Apache-2.0
 *
 * Put this file into wp-content/mu-plugins/ (or wp-content/plugins/ and activate it), set the address
 *
 *     define( 'SIFTWIRE_URL', 'https://siftwire.example' );
 *
 * in wp-config.php or under Settings > siftwire, and enter the key that `siftwire token create --role site`
 * printed as Akismet's API key. The Akismet plugin stays as it is: its history, its queues, its buttons.
 *
 * When siftwire does not answer, comments are held for moderation: they are neither published nor sent elsewhere.
 */

namespace Siftwire;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

const OPTION = 'siftwire_url';

/** The address of siftwire without trailing slash, or an empty string where none is set. Akismet's own is none. */
function address(): string {
	$address = defined( 'SIFTWIRE_URL' ) ? SIFTWIRE_URL : get_option( OPTION, '' );
	$host    = is_string( $address ) ? (string) wp_parse_url( $address, PHP_URL_HOST ) : '';
	return '' === $host || is_akismet( $host ) ? '' : rtrim( trim( $address ), '/' );
}

/** Whether a host is Akismet's: rest.akismet.com, or KEY.rest.akismet.com as older plugins write it. */
function is_akismet( string $host ): bool {
	return 1 === preg_match( '/^([a-z0-9]+\.)?rest\.akismet\.com$/i', $host );
}

/** The address at siftwire for one of Akismet's, or null for any other. */
function translated( string $url ): ?string {
	$parts = wp_parse_url( $url );
	if ( ! is_array( $parts ) || ! is_akismet( $parts['host'] ?? '' ) ) {
		return null;
	}
	$query = isset( $parts['query'] ) ? '?' . $parts['query'] : '';
	return address() . ( $parts['path'] ?? '/' ) . $query;
}

/** The key in a host such as KEY.rest.akismet.com. */
function key_in( string $host ): string {
	return 1 === preg_match( '/^([a-z0-9]+)\.rest\.akismet\.com$/i', $host, $found ) ? strtolower( $found[1] ) : '';
}

/**
 * A body with the key in it.
 *
 * @param string|array $body As WordPress takes it.
 * @return string|array
 */
function with_key( $body, string $key ) {
	if ( is_array( $body ) ) {
		return $body + array( 'api_key' => $key );
	}
	return $body . ( '' === $body ? '' : '&' ) . 'api_key=' . $key;
}

/**
 * Answers Akismet's requests with siftwire's answer. Everything else goes its way.
 *
 * @param false|array|\WP_Error $response What another filter answered already.
 * @param array                 $args     The request.
 * @param string                $url      Where it was to go.
 * @return false|array|\WP_Error
 */
function forward( $response, $args, $url ) {
	if ( false !== $response || '' === address() ) {
		return $response;
	}
	$target = translated( (string) $url );
	if ( null === $target ) {
		return $response;
	}
	$key = key_in( (string) wp_parse_url( $url, PHP_URL_HOST ) );
	if ( '' !== $key ) {
		$args['body'] = with_key( $args['body'] ?? '', $key );
	}
	// The Akismet plugin names its own host, and the host must be siftwire's for proxies to find it.
	unset( $args['headers']['Host'], $args['headers']['host'] );
	$args['timeout']     = min( 10, (float) ( $args['timeout'] ?? 10 ) );
	$args['redirection'] = 0;
	$answer              = wp_remote_request( $target, $args );
	if ( is_wp_error( $answer ) || 200 !== (int) wp_remote_retrieve_response_code( $answer ) ) {
		return failed( $answer );
	}
	update_option( 'siftwire_failed', '', false );
	return $answer;
}

/**
 * What the Akismet plugin gets when siftwire does not answer: an error, on which it holds the comment and asks again
 * later. Never the real akismet.com, which nobody agreed to.
 *
 * @param array|\WP_Error $answer What came instead.
 */
function failed( $answer ): \WP_Error {
	$reason = is_wp_error( $answer )
		? $answer->get_error_message()
		: 'HTTP ' . wp_remote_retrieve_response_code( $answer );
	update_option( 'siftwire_failed', $reason, false );
	return new \WP_Error( 'siftwire_unreachable', 'siftwire did not answer: ' . $reason );
}

/** Says on the comments' and our own page that siftwire does not answer. */
function notice(): void {
	$screen = get_current_screen();
	$reason = get_option( 'siftwire_failed', '' );
	if ( '' === $reason || ! $screen || ! in_array( $screen->id, array( 'edit-comments', 'settings_page_siftwire' ), true ) ) {
		return;
	}
	printf(
		'<div class="notice notice-warning"><p>%s</p></div>',
		esc_html( 'siftwire did not answer the last time it was asked (' . $reason . '). New comments are held for moderation.' )
	);
}

/** Lets only http and https addresses in. */
function cleaned( $value ): string {
	return rtrim( esc_url_raw( trim( (string) $value ), array( 'http', 'https' ) ), '/' );
}

function settings(): void {
	register_setting( 'siftwire', OPTION, array( 'type' => 'string', 'sanitize_callback' => __NAMESPACE__ . '\cleaned' ) );
}

function menu(): void {
	add_options_page( 'siftwire', 'siftwire', 'manage_options', 'siftwire', __NAMESPACE__ . '\page' );
}

function page(): void {
	$fixed = defined( 'SIFTWIRE_URL' );
	?>
	<div class="wrap">
		<h1>siftwire</h1>
		<p>The Akismet plugin's requests go to this address. Enter the key that siftwire printed as Akismet's API key.</p>
		<form method="post" action="options.php">
			<?php settings_fields( 'siftwire' ); ?>
			<label for="siftwire-url">Address of siftwire</label>
			<input id="siftwire-url" class="regular-text" type="url" name="<?php echo esc_attr( OPTION ); ?>"
				value="<?php echo esc_attr( address() ); ?>" placeholder="https://siftwire.example" <?php disabled( $fixed ); ?>>
			<?php $fixed ? print( '<p>Set by SIFTWIRE_URL in wp-config.php.</p>' ) : submit_button(); ?>
		</form>
	</div>
	<?php
}

add_filter( 'pre_http_request', __NAMESPACE__ . '\forward', 10, 3 );
add_action( 'admin_init', __NAMESPACE__ . '\settings' );
add_action( 'admin_menu', __NAMESPACE__ . '\menu' );
add_action( 'admin_notices', __NAMESPACE__ . '\notice' );
