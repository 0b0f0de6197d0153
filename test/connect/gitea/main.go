// Gitea's sign-in with its own library, github.com/markbates/goth, used as Gitea uses it: Gitea itself is not on the Go
// module proxy. It takes the flags of `gitea admin auth add-oauth`, and answers with what Gitea learns of the person.
package main

import (
	"encoding/json"
	"flag"
	"log"
	"net/http"
	"os"
	"strings"

	"github.com/markbates/goth"
	"github.com/markbates/goth/providers/openidConnect"
)

type list []string

func (l *list) String() string         { return strings.Join(*l, " ") }
func (l *list) Set(value string) error { *l = append(*l, value); return nil }

func main() {
	name := flag.String("name", "", "")
	_ = flag.String("provider", "", "")
	key := flag.String("key", "", "")
	secret := flag.String("secret", "", "")
	discovery := flag.String("auto-discover-url", "", "")
	var scopes list
	flag.Var(&scopes, "scopes", "")
	flag.Parse()

	origin := os.Getenv("ORIGIN")
	callback := "/user/oauth2/" + *name + "/callback"
	provider, err := openidConnect.New(*key, *secret, origin+callback, *discovery, scopes...)
	if err != nil {
		log.Fatal(err)
	}
	var session goth.Session
	http.HandleFunc("/user/login", func(w http.ResponseWriter, r *http.Request) {
		begun, _ := provider.BeginAuth("state")
		session = begun
		address, _ := begun.GetAuthURL()
		http.Redirect(w, r, address, http.StatusFound)
	})
	http.HandleFunc(callback, func(w http.ResponseWriter, r *http.Request) {
		if _, err := session.Authorize(provider, r.URL.Query()); err != nil {
			http.Error(w, err.Error(), http.StatusUnauthorized)
			return
		}
		person, err := provider.FetchUser(session)
		if err != nil {
			http.Error(w, err.Error(), http.StatusUnauthorized)
			return
		}
		json.NewEncoder(w).Encode(map[string]string{"user": person.NickName, "email": person.Email, "name": person.Name})
	})
	log.Fatal(http.ListenAndServe(strings.TrimPrefix(origin, "http://"), nil))
}
