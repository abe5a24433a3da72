// Sends one file by HTTP, to be read from disk there; the dialog hears that it arrived.
export function attach(id, server) {
  const ended = new AbortController();
  const dialog = document.getElementById(id);
  let request = null;
  const part = name => dialog.querySelector(`[data-${name}]`);
  const say = text => { const fault = part('fault'); if (fault) { fault.hidden = !text; fault.textContent = text ?? ''; } };
  const sending = yes => { part('drop')?.toggleAttribute('hidden', yes); part('sending')?.toggleAttribute('hidden', !yes); };

  function send(file) {
    if (!file || request || !part('drop')) return;
    say(null);
    sending(true);
    part('name').textContent = file.name;
    request = new XMLHttpRequest();
    request.open('POST', `api/cases/uploads?name=${encodeURIComponent(file.name)}`);
    request.responseType = 'json';
    request.upload.onprogress = e => {
      if (!e.lengthComputable || !part('sending')) return;
      const share = `${Math.round(100 * e.loaded / e.total)} %`;
      dialog.querySelector('[data-sending] .bar span').style.width = share.replace(' ', '');
      part('share').textContent = share;
    };
    request.onload = () => {
      const { status, response } = request;
      request = null;
      sending(false);
      if (status < 300 && response?.id) server.invokeMethodAsync('Uploaded', response.id);
      else say(response?.error?.message ?? `The server refused the file (${status}).`);
    };
    request.onerror = () => { request = null; sending(false); say('The upload did not reach the server. Try again.'); };
    request.onabort = () => { request = null; sending(false); };
    request.send(file);
  }

  const on = (type, handler) => dialog.addEventListener(type, handler, { signal: ended.signal });
  on('change', e => { if (e.target.matches('[data-file]')) { send(e.target.files[0]); e.target.value = ''; } });
  on('click', e => { if (e.target.closest('[data-abort]')) request?.abort(); });
  on('dragover', e => { if (e.dataTransfer?.types?.includes('Files')) { e.preventDefault(); part('drop')?.setAttribute('data-over', ''); } });
  on('dragleave', () => part('drop')?.removeAttribute('data-over'));
  on('drop', e => {
    e.preventDefault();
    part('drop')?.removeAttribute('data-over');
    if (e.dataTransfer.files.length > 1) say('One file at a time: pack several into a ZIP archive.');
    else send(e.dataTransfer.files[0]);
  });
  send(part('file')?.files[0]); // what was chosen while this script was still loading
  return { dispose() { request?.abort(); ended.abort(); } };
}
