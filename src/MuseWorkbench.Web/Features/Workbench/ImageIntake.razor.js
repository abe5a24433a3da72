// Drop anywhere, paste, or browse. Files are sent one after another by HTTP, with progress.
const limit = 20 * 1024 * 1024;
let count = 0;

export function attach(server) {
  const ended = new AbortController();
  const on = (target, type, handler) => target.addEventListener(type, handler, { signal: ended.signal });
  const browse = document.getElementById('browse');
  let queue = Promise.resolve();
  let depth = 0;

  const dragging = yes => document.documentElement.toggleAttribute('data-dragging', yes);
  const hasFiles = e => e.dataTransfer?.types?.includes('Files');
  const take = files => { for (const file of files) queue = queue.then(() => send(file)).catch(() => {}); };

  async function send(file) {
    const id = `u${++count}`;
    const name = file.name || 'pasted image';
    await server.invokeMethodAsync('UploadStarted', id, name, file.size);
    try {
      if (file.size > limit) throw new Error(`The file is ${(file.size / 1048576).toFixed(1)} MB; the most is 20 MB.`);
      if (file.size === 0) throw new Error('The file is empty.');
      const image = await post(id, name, file);
      await server.invokeMethodAsync('UploadDone', id, image.sha256);
    } catch (error) {
      await server.invokeMethodAsync('UploadFailed', id, error.message);
    }
  }

  function post(id, name, file) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open('POST', 'images');
      request.responseType = 'json';
      request.upload.onprogress = e => {
        const bar = document.querySelector(`[data-upload="${id}"]`);
        if (bar && e.lengthComputable) bar.style.width = `${100 * e.loaded / e.total}%`;
      };
      request.onload = () => request.status < 300 && request.response?.sha256
        ? resolve(request.response)
        : reject(new Error(request.response?.error?.message ?? `The server refused the file (${request.status}).`));
      request.onerror = () => reject(new Error('The upload did not reach the server. Try again.'));
      const form = new FormData();
      form.append('file', file, name);
      request.send(form);
    });
  }

  on(document, 'dragenter', e => { if (hasFiles(e)) { depth++; dragging(true); } });
  on(document, 'dragleave', e => { if (hasFiles(e) && --depth <= 0) { depth = 0; dragging(false); } });
  on(document, 'dragover', e => { if (hasFiles(e)) { e.preventDefault(); e.dataTransfer.dropEffect = 'copy'; } });
  on(document, 'drop', e => {
    depth = 0;
    dragging(false);
    if (hasFiles(e)) { e.preventDefault(); take([...e.dataTransfer.files]); }
  });
  on(document, 'paste', e => {
    const files = [...(e.clipboardData?.files ?? [])];
    if (files.length) { e.preventDefault(); take(files); }
  });
  on(document, 'click', e => { if (e.target.closest?.('[data-browse]')) browse.click(); });
  const chosen = () => { take([...browse.files]); browse.value = ''; };
  on(browse, 'change', chosen);
  chosen(); // what was chosen while this script was still loading

  return {
    dispose() {
      ended.abort();
      dragging(false);
    },
  };
}
