// Both ends of docs/connect/kubelogin.md, from their own libraries. kubelogin itself is not on the Go module proxy:
// `get-token` does with github.com/coreos/go-oidc and golang.org/x/oauth2, its libraries, what it does with them.
// `kube-apiserver` is the authenticator of k8s.io/apiserver with its own reader of the configuration file.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apiserver/pkg/apis/apiserver"
	"k8s.io/apiserver/pkg/apis/apiserver/install"
	authenticator "k8s.io/apiserver/plugin/pkg/authenticator/token/oidc"
)

func main() {
	var err error
	switch os.Args[1] {
	case "get-token":
		err = getToken(context.Background(), os.Args[2:])
	case "kube-apiserver":
		err = apiServer(context.Background(), os.Args[2:])
	default:
		err = errors.New("get-token or kube-apiserver")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type list []string

func (l *list) String() string         { return strings.Join(*l, " ") }
func (l *list) Set(value string) error { *l = append(*l, value); return nil }

// getToken prints an ID token, and after a refresh another one.
func getToken(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("get-token", flag.ContinueOnError)
	issuer := flags.String("oidc-issuer-url", "", "")
	clientID := flags.String("oidc-client-id", "", "")
	address := flags.String("listen-address", "127.0.0.1:8000", "")
	var scopes list
	flags.Var(&scopes, "oidc-extra-scope", "")
	if err := flags.Parse(args); err != nil {
		return err
	}
	provider, err := oidc.NewProvider(ctx, *issuer)
	if err != nil {
		return err
	}
	_, port, _ := net.SplitHostPort(*address)
	config := oauth2.Config{
		ClientID:    *clientID,
		Endpoint:    provider.Endpoint(),
		RedirectURL: "http://localhost:" + port,
		Scopes:      append(scopes, oidc.ScopeOpenID),
	}
	state, nonce, verifier := oauth2.GenerateVerifier(), oauth2.GenerateVerifier(), oauth2.GenerateVerifier()
	code, err := codeOf(*address, state, config.AuthCodeURL(state,
		oauth2.AccessTypeOffline, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier)))
	if err != nil {
		return err
	}
	token, err := config.Exchange(ctx, code, oauth2.VerifierOption(verifier))
	if err != nil {
		return err
	}
	for range 2 {
		text, _ := token.Extra("id_token").(string)
		verified, err := provider.Verifier(&oidc.Config{ClientID: *clientID}).Verify(ctx, text)
		if err != nil {
			return err
		}
		if verified.Nonce != "" && verified.Nonce != nonce {
			return errors.New("another nonce")
		}
		fmt.Println(text)
		old := &oauth2.Token{Expiry: time.Now(), RefreshToken: token.RefreshToken}
		if token, err = config.TokenSource(ctx, old).Token(); err != nil {
			return fmt.Errorf("refresh: %w", err)
		}
	}
	return nil
}

// codeOf waits for the browser: its front page leads to the server, which leads back to it.
func codeOf(address, state, authorize string) (string, error) {
	answers := make(chan map[string][]string, 1)
	server := http.Server{Addr: address, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		if !query.Has("code") && !query.Has("error") {
			http.Redirect(w, r, authorize, http.StatusFound)
			return
		}
		fmt.Fprintln(w, "Authenticated")
		answers <- query
	})}
	go server.ListenAndServe()
	query := <-answers
	go server.Shutdown(context.Background())
	if len(query["error"]) > 0 || len(query["state"]) == 0 || query["state"][0] != state {
		return "", fmt.Errorf("no code: %v", query)
	}
	return query["code"][0], nil
}

// apiServer reads ID tokens and prints who they belong to, as the API server would see it.
func apiServer(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("kube-apiserver", flag.ContinueOnError)
	file := flags.String("authentication-config", "", "")
	authority := flags.String("certificate-authority", "", "of the test's server")
	if err := flags.Parse(args); err != nil {
		return err
	}
	text, err := os.ReadFile(*file)
	if err != nil {
		return err
	}
	pem, err := os.ReadFile(*authority)
	if err != nil {
		return err
	}
	scheme := runtime.NewScheme()
	install.Install(scheme)
	codecs := serializer.NewCodecFactory(scheme, serializer.EnableStrict)
	config := &apiserver.AuthenticationConfiguration{}
	if err := runtime.DecodeInto(codecs.UniversalDecoder(), text, config); err != nil {
		return err
	}
	jwt := config.JWT[0]
	jwt.Issuer.CertificateAuthority = string(pem)
	tokens, err := authenticator.New(ctx, authenticator.Options{JWTAuthenticator: jwt, CAContentProvider: bundle(pem)})
	if err != nil {
		return err
	}
	for tries := 0; tokens.HealthCheck() != nil && tries < 100; tries++ {
		time.Sleep(100 * time.Millisecond)
	}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		found, ok, err := tokens.AuthenticateToken(ctx, lines.Text())
		if err != nil || !ok {
			return fmt.Errorf("not authenticated: %w", err)
		}
		fmt.Println(found.User.GetName(), strings.Join(found.User.GetGroups(), ","))
	}
	return nil
}

type bundle []byte

func (b bundle) CurrentCABundleContent() []byte { return b }
