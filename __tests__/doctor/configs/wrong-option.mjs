export default { storage: 'redis' }
