'use strict'
throw new Error('no configuration')
