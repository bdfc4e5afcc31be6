document.getElementById('root').textContent = `you are at ${location.pathname}`
