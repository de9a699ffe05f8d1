// Writes down, a line each, where a client asks to append and what offset it is told: options for tus-js-client and Uppy's plug-in.
const note = (entry) => console.log(JSON.stringify(entry))
const offsetOf = (header) => (header === undefined || header === null ? null : Number(header))

export const journal = {
  onBeforeRequest(request) {
    if (request.getMethod() === 'PATCH') {
      note({ is: 'PATCH', url: request.getURL(), offset: offsetOf(request.getHeader('Upload-Offset')) })
    }
  },
  onAfterResponse(request, response) {
    note({ is: String(response.getStatus()), url: request.getURL(), offset: offsetOf(response.getHeader('Upload-Offset')) })
  },
}
