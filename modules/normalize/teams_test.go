package normalize

import "testing"

func TestTeam(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{"엘지 트윈스": "LG 트윈스", "LG": "LG 트윈스", "lg  트윈스": "LG 트윈스", "기아": "KIA 타이거즈", "KT wiz": "KT 위즈", "키움": "키움 히어로즈", "울산 HD": "울산 HD", "성남 FC": "성남 FC", "": ""} {
		if got := Team(raw); got != want {
			t.Errorf("Team(%q) = %q, want %q", raw, got, want)
		}
	}
}
